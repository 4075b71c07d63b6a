// StrataData
