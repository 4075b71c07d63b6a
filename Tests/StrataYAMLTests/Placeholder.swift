// StrataYAMLTests
