namespace NetworkProtocol.Edge.Buffer;

/// <summary>Whose buffer it is, for logs and errors.</summary>
/// <param name="Name">What the node is.</param>
/// <param name="WhileNotDurable">What happens to messages that the disk does not take.</param>
internal sealed record BufferOwner(string Name, string WhileNotDurable)
{
    public static readonly BufferOwner Edge = new("edge", "Sensors get ERROR");

    /// <summary>A hub that forwards.</summary>
    public static readonly BufferOwner Hub = new("hub", "What it forwards waits in its store");

    /// <summary>What happens to messages that have no room. A hub has no setting for it.</summary>
    public string WithoutRoom(WhenFull whenFull) => this == Hub ? "the rest waits in the store" : $"{whenFull} applies";
}
