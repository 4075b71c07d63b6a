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
