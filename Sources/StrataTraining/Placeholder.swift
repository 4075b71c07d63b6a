// StrataTraining
