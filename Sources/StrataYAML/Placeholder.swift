// StrataYAML
