// StrataFormats
