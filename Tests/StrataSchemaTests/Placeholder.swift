// StrataSchemaTests
