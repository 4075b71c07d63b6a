package import StrataSchema

/// Reads JSON (RFC 8259) strictly: one value, UTF-8, no key twice, no trailing text.
///
/// Whole numbers that fit become `.int`, all others `.double`; a number beyond Double's range, a
/// lone surrogate and a control character in a string are errors. Keys are compared byte by byte,
/// so that letters of equal looks but different codes stay different.
package struct JSONReader {
    /// Where a text stops being JSON, and why.
    package struct Failure: Error, Hashable, Sendable {
        /// What is wrong, without a final full stop.
        package var message: String
        /// Where, in bytes from the start of the text.
        package var offset: Int
        /// Whether the mistake is a key that stands twice in its map.
        package var isDuplicateKey = false
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private let depthLimit: Int
    private let valueLimit: Int
    private var position = 0
    private var depth = 0
    private var valueCount = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int, valueLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
        self.valueLimit = valueLimit
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - depthLimit: how deep lists and maps may nest; the stack bounds it.
    ///   - valueLimit: how many values there may be; each takes far more memory than its text.
    package static func read(
        _ bytes: ArraySlice<UInt8>, depthLimit: Int = 64, valueLimit: Int = .max
    ) throws(Failure) -> ConfigValue {
        let result = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer, depthLimit: depthLimit, valueLimit: valueLimit)
            return Result { () throws(Failure) in try reader.document() }
        }
        return try result.get()
    }

    /// Reads a text.
    package static func read(
        _ text: String, depthLimit: Int = 64
    ) throws(Failure) -> ConfigValue {
        try read(Array(text.utf8)[...], depthLimit: depthLimit)
    }

    private mutating func document() throws(Failure) -> ConfigValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw failure("text after the end of the value") }
        return value
    }

    private mutating func value() throws(Failure) -> ConfigValue {
        skipSpace()
        guard position < bytes.count else { throw failure("the text ends where a value is due") }
        valueCount += 1
        guard valueCount <= valueLimit else { throw failure("more than \(valueLimit) values") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { (reader) throws(Failure) in try reader.map() }
        case UInt8(ascii: "["): return try nested { (reader) throws(Failure) in try reader.list() }
        case UInt8(ascii: "\""): return .string(try string().text)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default:
            if takes("true") { return .bool(true) }
            if takes("false") { return .bool(false) }
            if takes("null") { return .null }
            throw failure("this is not the start of a JSON value")
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(Failure) -> ConfigValue
    ) throws(Failure) -> ConfigValue {
        guard depth < depthLimit else { throw failure("nested deeper than \(depthLimit) levels") }
        depth += 1
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func list() throws(Failure) -> ConfigValue {
        var values: [ConfigValue] = []
        if takesAfterSpace("]") { return .list(values) }
        while true {
            values.append(try value())
            if takesAfterSpace("]") { return .list(values) }
            guard takesAfterSpace(",") else { throw failure("a list needs ',' or ']' here") }
        }
    }

    private mutating func map() throws(Failure) -> ConfigValue {
        var pairs: [ConfigValue.Pair] = []
        var keys: Set<[UInt8]> = []
        if takesAfterSpace("}") { return .map(pairs) }
        while true {
            skipSpace()
            let start = position
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw failure("a map needs a key in quotes here")
            }
            let key = try string()
            guard keys.insert(key.utf8).inserted else {
                throw Failure(
                    message: "the key \"\(key.text.shown)\" stands twice", offset: start,
                    isDuplicateKey: true)
            }
            guard takesAfterSpace(":") else { throw failure("a key needs ':' after it") }
            pairs.append(.init(key.text, try value()))
            if takesAfterSpace("}") { return .map(pairs) }
            guard takesAfterSpace(",") else { throw failure("a map needs ',' or '}' here") }
        }
    }

    private mutating func number() throws(Failure) -> ConfigValue {
        let start = position
        let isNegative = takes("-")
        var isWhole = true
        if !takes("0") { try digits() }
        if takes(".") {
            isWhole = false
            try digits()
        }
        if takes("e") || takes("E") {
            isWhole = false
            if !takes("+") { _ = takes("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // -0 must keep its sign, which only Double can.
        if isWhole, let value = Int(text), value != 0 || !isNegative { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw failure("the number is too large", at: start)
        }
        return .double(value)
    }

    private mutating func digits() throws(Failure) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= bytes[position] {
            position += 1
        }
        if position == start { throw failure("a digit is due here") }
    }
}

// MARK: Strings

extension JSONReader {
    private mutating func string() throws(Failure) -> (text: String, utf8: [UInt8]) {
        let start = position
        position += 1
        var utf8: [UInt8] = []
        while position < bytes.count {
            let runStart = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "\""),
                bytes[position] != UInt8(ascii: "\\"), bytes[position] >= 0x20
            {
                position += 1
            }
            utf8.append(contentsOf: bytes[runStart..<position])
            guard position < bytes.count else { break }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: utf8, as: UTF8.self) else {
                    throw failure("the string is not UTF-8", at: start)
                }
                return (text, utf8)
            case UInt8(ascii: "\\"): try escape(into: &utf8)
            default: throw failure("a control character must be escaped in a string")
            }
        }
        throw failure("the string never ends", at: start)
    }

    private mutating func escape(into utf8: inout [UInt8]) throws(Failure) {
        position += 1
        guard position < bytes.count else { throw failure("the string never ends") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): utf8.append(letter)
        case UInt8(ascii: "b"): utf8.append(0x08)
        case UInt8(ascii: "f"): utf8.append(0x0C)
        case UInt8(ascii: "n"): utf8.append(0x0A)
        case UInt8(ascii: "r"): utf8.append(0x0D)
        case UInt8(ascii: "t"): utf8.append(0x09)
        case UInt8(ascii: "u"):
            let start = position - 2
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code), takes("\\u") {
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw failure("half of a surrogate pair", at: start)
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw failure("half of a surrogate pair", at: start)
            }
            utf8.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw failure("'\\' must not stand before this character", at: position - 2)
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count,
                let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw failure("'\\u' needs four hexadecimal digits") }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}

// MARK: Bytes

extension JSONReader {
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func takes(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != word.utf8Start[index] {
            return false
        }
        position += count
        return true
    }

    private mutating func takesAfterSpace(_ word: StaticString) -> Bool {
        skipSpace()
        return takes(word)
    }

    private func failure(_ message: String, at offset: Int? = nil) -> Failure {
        Failure(message: message, offset: offset ?? position)
    }
}
