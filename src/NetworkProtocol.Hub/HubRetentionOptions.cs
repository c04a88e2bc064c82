using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Hub.Storage;

namespace NetworkProtocol.Hub;

/// <summary>How long a hub keeps messages, and the rollups of each resolution. Zero means for ever.</summary>
public sealed class HubRetentionOptions
{
    /// <summary>How long the hub keeps messages, from 1 h to 36500 days; 0: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan Raw { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long the hub keeps the rollups of a minute; 0: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan Minutes { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the hub keeps the rollups of an hour; 0: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan Hours { get; set; } = TimeSpan.FromDays(365);

    /// <summary>How long the hub keeps the rollups of a day; 0: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "36500.00:00:00")]
    public TimeSpan Days { get; set; }

    /// <summary>Whether a rollup is too old to be kept at a time, all in milliseconds: its end is not within what is kept.</summary>
    internal bool IsTooOld(Resolution resolution, long start, long now) => KeptOf(resolution) is var kept && kept > TimeSpan.Zero
        && start + RollupSum.LengthOf(resolution) <= now - (long)kept.TotalMilliseconds;

    internal TimeSpan KeptOf(Resolution resolution) => resolution switch
    {
        Resolution.Minute => Minutes,
        Resolution.Hour => Hours,
        _ => Days,
    };
}
