namespace NetworkProtocol.Client.Tests;

/// <summary>The tests that use the whole processor. Each runs alone, so that it does not disturb the timeouts of other tests.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
