using System.ComponentModel.DataAnnotations;

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
}
