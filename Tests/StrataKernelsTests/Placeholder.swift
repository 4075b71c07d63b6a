// StrataKernelsTests
