namespace NetworkProtocol.Hub.Storage;

/// <summary>How much a client may bring into the store.</summary>
/// <param name="Sources">The largest number of sources.</param>
/// <param name="Series">The largest number of series.</param>
/// <param name="SeriesOfSource">The largest number of series of one source.</param>
internal sealed record StoreLimits(long Sources, long Series, long SeriesOfSource)
{
    /// <summary>How many of a source's dead letters, and of its losses, are kept: the newest.</summary>
    public const int KeptOfSource = 10_000;

    /// <summary>How many bytes of a dead letter's payload are kept.</summary>
    public const int DeadLetterBytes = 16 * 1024;

    /// <summary>What the store keeps for the next hub; null: nothing.</summary>
    public ForwardWhat? Forward { get; init; }

    /// <summary>How long rollups are kept. One that is older is not forwarded, because part of it may be gone.</summary>
    public HubRetentionOptions Keep { get; init; } = new();

    public static StoreLimits Of(HubOptions options) => new(options.MaxSources, options.MaxSeries, options.MaxSeriesPerSource)
    {
        Forward = options.Forward.Wanted,
        Keep = options.Retention,
    };

    public static string TooManyOfSource(long series) =>
        $"The source has {series} series, as many as it may have ({HubOptions.Section}:MaxSeriesPerSource).";

    public static string TooMany(long series) => $"The hub has {series} series, as many as it may have ({HubOptions.Section}:MaxSeries).";

    public static SourceRefusedException TooManySources(long sources) =>
        new($"The hub has {sources} sources, as many as it may have ({HubOptions.Section}:MaxSources).");
}
