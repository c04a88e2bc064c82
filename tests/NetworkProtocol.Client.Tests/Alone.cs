namespace NetworkProtocol.Client.Tests;

/// <summary>The tests that take what processor there is: each runs alone, so that it disturbs no other's time limits.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
