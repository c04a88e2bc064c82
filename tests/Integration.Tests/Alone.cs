namespace Integration.Tests;

/// <summary>The tests that measure times or use the whole processor. Each runs alone, after all other tests.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
