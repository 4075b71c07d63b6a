internal import StrataSchema

/// The checksum that Strata puts into the metadata of its files.
///
/// It stands at a fixed place, as the first value of the header, and covers the file from its
/// first byte to its last, with its own sixteen digits read as zeros. A second key, the last of the
/// metadata, says that there must be a checksum: damage to one of the two cannot make a file look
/// unsealed.
enum SafetensorsSeal {
    /// The metadata key of the checksum.
    static let checksumKey = "strata.checksum"
    /// The metadata key of the version of this format.
    static let versionKey = "strata.format"
    /// The version that this code writes, and the newest that it reads.
    static let version = 1
    /// What stands for the checksum while it is computed.
    static let blank = String(repeating: "0", count: 16)

    /// The start of a sealed header, up to the checksum's digits.
    fileprivate static let opening = Array(#"{"__metadata__":{"\#(checksumKey)":""#.utf8)
    /// Where the digits stand in the bytes of the length and the header.
    fileprivate static let digits =
        SafetensorsHeader.prefixSize + opening.count..<SafetensorsHeader.prefixSize + opening.count
        + blank.utf8.count

    /// Puts the checksum into a head (length and header) that was written with ``blank``.
    static func seal(_ head: inout [UInt8], data: [ByteStream]) {
        var checksum = StreamingChecksum()
        checksum.update(head[...])
        for stream in data { stream.forEachPiece { checksum.update($0) } }
        head.replaceSubrange(digits, with: text(checksum.value()).utf8)
    }

    fileprivate static func mismatch(_ message: String) -> FormatError {
        FormatError(
            .checksumMismatch, message,
            hint: "the file is damaged, or another program changed it and kept Strata's "
                + "'\(checksumKey)' and '\(versionKey)'")
    }

    fileprivate static func text(_ checksum: UInt64) -> String {
        let digits = String(checksum, radix: 16)
        return blank.dropFirst(digits.utf8.count) + digits
    }
}

extension SafetensorsSeal {
    /// Whether a file is sealed and whole, found while its bytes pass by.
    struct Check {
        private let written: String?
        private let version: String?
        /// Whether the checksum is where it was written.
        private let isInPlace: Bool
        private var checksum = StreamingChecksum()

        /// Starts with a file's head: its length and header.
        init(metadata: [String: String], head: [UInt8]) {
            written = metadata[checksumKey]
            version = metadata[versionKey]
            isInPlace =
                digits.upperBound <= head.count
                && head[SafetensorsHeader.prefixSize...].starts(with: opening)
            guard isInPlace else { return }
            checksum.update(head[..<digits.lowerBound])
            checksum.update(Array(blank.utf8)[...])
            checksum.update(head[digits.upperBound...])
        }

        /// Takes the next bytes of the data; how they are cut does not matter.
        mutating func update(_ data: ArraySlice<UInt8>) {
            if isInPlace { checksum.update(data) }
        }

        /// Whether the file whose data have all passed is sealed.
        ///
        /// - Returns: false for files of other programs, which have no seal.
        /// - Throws: ``FormatError`` `.checksumMismatch` where a seal is broken, `.newerVersion`
        ///   where it is whole but of a version that this code does not know.
        func isVerified() throws(FormatError) -> Bool {
            if written == nil, version == nil { return false }
            guard let written, let version, isInPlace else {
                throw mismatch("the checksum is not where it was written")
            }
            // Compared as text: the value of a digit would not tell 'a' from 'A'.
            guard Array(written.utf8) == Array(text(checksum.value()).utf8) else {
                throw mismatch("the contents do not match the checksum")
            }
            guard let number = Int(version), number <= SafetensorsSeal.version else {
                throw FormatError(
                    .newerVersion,
                    "has format version \(version.shown); this Strata reads up to "
                        + "\(SafetensorsSeal.version)",
                    hint: "read it with a newer Strata")
            }
            return true
        }
    }
}
