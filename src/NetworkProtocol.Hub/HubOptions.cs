using NetworkProtocol.Settings;

namespace NetworkProtocol.Hub;

/// <summary>The section <c>NetworkProtocol:Hub</c>: a node that stores the messages of edges.</summary>
public sealed class HubOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "NetworkProtocol:Hub";

    /// <summary>Where the hub stores messages: None (this node is no hub) or Sqlite.</summary>
    public HubStoreKind Store { get; set; }

    /// <summary>The file of the store Sqlite; empty: hub.db in the data folder. It is created if it does not exist.</summary>
    [Shown]
    public string Path { get; set; } = "";

    /// <summary>
    /// Whether clients without a certificate may send messages under any source's name; empty: in Development only.
    /// </summary>
    public bool? AllowUnauthenticatedSources { get; set; }

    /// <summary>How long the hub keeps what.</summary>
    public HubRetentionOptions Retention { get; set; } = new();
}
