// StrataLayers
