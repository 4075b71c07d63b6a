import StrataData
import Testing

@Suite struct TokenDatasetTests {
    private func dataset(
        _ train: [Int32], _ validation: [Int32] = [], _ test: [Int32] = [],
        tokens: [String] = ["a", "b", "c"], unknown: Int? = nil, batchSize: Int = 1,
        sequenceLength: Int = 1
    ) throws -> TokenDataset {
        try TokenDataset(
            vocabulary: Vocabulary(kind: .characters, tokens: tokens, unknown: unknown),
            train: train, validation: validation, test: test, batchSize: batchSize,
            sequenceLength: sequenceLength)
    }

    @Test func fingerprintIsStable() throws {
        let set = try dataset([0, 1, 2, 1], [0], [2])
        // Fixed for good: checkpoints hold it.
        #expect(set.fingerprint == "4a267adcf92dc592")
        #expect(try dataset([0, 1, 2, 1], [0], [2]).fingerprint == set.fingerprint)
    }

    @Test func fingerprintChangesWithTokensPartsAndVocabulary() throws {
        let prints = [
            try dataset([0, 1, 2, 1]), try dataset([1, 0, 2, 1]), try dataset([0, 1, 2], [1]),
            try dataset([0, 1, 2], [], [1]), try dataset([0, 1, 2, 1], [0]),
            try dataset([0, 1, 2, 1], tokens: ["a", "b", "d"]),
            try dataset([0, 1, 2, 1], tokens: ["a", "b", "c", "d"]),
            try dataset([0, 1, 2, 1], unknown: 2),
        ].map(\.fingerprint)
        #expect(Set(prints).count == prints.count)
        #expect(prints.allSatisfy { $0.count == 16 })
    }

    @Test func fingerprintIgnoresBatchAndNames() throws {
        let set = try dataset([0, 1, 2, 1, 0, 0])
        let other = try dataset([0, 1, 2, 1, 0, 0], batchSize: 2, sequenceLength: 2)
        #expect(set.fingerprint == other.fingerprint)
    }

    @Test func fingerprintOfManyTokensIsStableAndSeesEveryOne() throws {
        // More than one block of 2^22 tokens, and a rest that fills no lane of eight.
        var tokens = (0..<5_000_003).map { Int32(truncatingIfNeeded: $0 &* 7 % 3) }
        let print = try dataset(tokens).fingerprint
        #expect(print == "42f774a130712a55")
        for place in [0, 4_194_303, 4_194_304, 4_194_311, 4_999_999, 5_000_002] {
            tokens[place] = (tokens[place] + 1) % 3
            #expect(try dataset(tokens).fingerprint != print)
            tokens[place] = (tokens[place] + 2) % 3
        }
        tokens.swapAt(4_500_000, 4_500_001)
        #expect(try dataset(tokens).fingerprint != print)
        tokens.removeLast()
        #expect(try dataset(tokens).fingerprint != print)
    }

    @Test func tokensOutsideTheVocabularyAreRefused() {
        #expect(throws: DataError.self) { try dataset([0, 3]) }
        #expect(throws: DataError.self) { try dataset([0, 1], [-1]) }
        #expect(throws: DataError.self) { try dataset([0, 1], [], [Int32.max]) }
    }

    @Test func sizesBelowOneAndTooFewTokensAreRefused() {
        #expect(throws: DataError.self) { try dataset([0, 1], batchSize: 0) }
        #expect(throws: DataError.self) { try dataset([0, 1], sequenceLength: -1) }
        #expect(throws: DataError.self) { try dataset([0, 1], batchSize: .max) }
        #expect(throws: DataError.self) { try dataset([0, 1, 2], batchSize: 2) }
        #expect(throws: Never.self) { try dataset([0, 1, 2, 1], batchSize: 2) }
    }

    @Test func anErrorReadsAsOneLine() {
        let error = DataError(.missing, "there is no such file", path: "a.txt", hint: "look")
        #expect(error.description == "a.txt: there is no such file (look)")
        #expect(
            DataError(.invalid, "the vocabulary is empty").description == "the vocabulary is empty")
    }
}
