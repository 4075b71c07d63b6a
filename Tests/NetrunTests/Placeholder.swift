// NetrunTests
