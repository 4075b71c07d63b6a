/// A place in the parser's input: line and code point, both counted from 0.
struct Mark {
    var line = 0
    var column = 0
}
