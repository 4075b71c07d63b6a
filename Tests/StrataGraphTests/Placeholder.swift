// StrataGraphTests
