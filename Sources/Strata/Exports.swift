// One import is enough: layers, losses, data, training and YAML come with this module.
@_exported public import StrataData
@_exported public import StrataFormats
@_exported public import StrataGraph
@_exported public import StrataLayers
@_exported public import StrataRuntime
@_exported public import StrataSchema
@_exported public import StrataTraining
@_exported public import StrataYAML
