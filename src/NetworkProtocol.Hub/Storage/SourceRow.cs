using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Hub.Storage;

/// <summary>A source as a writer knows it.</summary>
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

    public static SourceRefusedException Refuse(SourceRow source, string identity) =>
        new($"The source {source.Name} belongs to another client. Give this client a name of its own.")
        {
            Detail = $"the source {source.Name} belongs to {source.Identity}, and this client is "
                + $"{(identity.Length > 0 ? identity : "one without a certificate")}. Give it a certificate with the name and the kind of "
                + "name of the first, or a name of its own; docs/edge.md says how a source is handed over.",
        };
}
