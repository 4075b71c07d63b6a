// StrataFormatsTests
