// StrataDataTests
