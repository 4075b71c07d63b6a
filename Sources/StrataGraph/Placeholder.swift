// StrataGraph
