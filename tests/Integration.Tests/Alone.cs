namespace Integration.Tests;

/// <summary>The tests that measure times, or take what processor there is: each runs alone, after all others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
