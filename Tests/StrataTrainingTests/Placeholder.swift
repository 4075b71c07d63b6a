// StrataTrainingTests
