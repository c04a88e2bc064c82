using System.ComponentModel.DataAnnotations;
using NetworkProtocol.Settings;

namespace NetworkProtocol.Hub;

/// <summary>The section <c>NetworkProtocol:Hub</c>: a node that stores the messages of edges.</summary>
public sealed class HubOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "NetworkProtocol:Hub";

    /// <summary>Where the hub stores messages: None (this node is no hub), Sqlite or PostgreSql.</summary>
    public HubStoreKind Store { get; set; }

    /// <summary>The file of the store Sqlite; empty: hub.db in the data folder. It is created if it does not exist.</summary>
    [Shown]
    public string Path { get; set; } = "";

    /// <summary>
    /// The database of the store PostgreSql, in the form of Npgsql: Host=db.example.com;Database=hub;Username=hub;Password=...
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Whether clients without a certificate may send messages under any source's name; empty: in Development only.
    /// </summary>
    public bool? AllowUnauthenticatedSources { get; set; }

    /// <summary>
    /// How many messages a second the hub takes from all edges together; 0: any number. The edges that send at a moment share it equally,
    /// and keep in their buffers what is over their part. Each hub node counts for itself.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxMessagesPerSecond { get; set; }

    /// <summary>The largest number of sources. A new one beyond it is refused.</summary>
    [Range(1, 1_000_000)]
    public int MaxSources { get; set; } = 10_000;

    /// <summary>
    /// The largest number of series of all sources. A message that would begin a series beyond it is put aside as a dead letter.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxSeries { get; set; } = 1_000_000;

    /// <summary>The largest number of series of one source, likewise.</summary>
    [Range(1, 100_000_000)]
    public int MaxSeriesPerSource { get; set; } = 10_000;

    /// <summary>How long the hub keeps what.</summary>
    public HubRetentionOptions Retention { get; set; } = new();

    /// <summary>The next hub.</summary>
    public HubForwardOptions Forward { get; set; } = new();
}
