using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Sqlite;

/// <summary>A source as the writer knows it.</summary>
internal sealed class SourceRow(long id, string name)
{
    public long Id { get; } = id;

    public string Name { get; } = name;

    public string Identity { get; set; } = "";

    public long LastSeen { get; set; }

    public long Series { get; set; }

    public bool IsChanged { get; set; }

    public bool HasNewLosses { get; set; }

    public bool HasNewDeadLetters { get; set; }

    public Dictionary<Lane, LaneRow> Lanes { get; } = [];
}
