// StrataRuntimeTests
