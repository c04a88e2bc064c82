using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Connections;

/// <summary>What messages are called in lists.</summary>
internal static class MessageNames
{
    /// <summary>Stands for a command that nobody mapped: what a client calls it is not remembered.</summary>
    public const string UnknownCommand = "UNKNOWN_COMMAND";

    private static readonly string[] Names = [.. Enum.GetNames<MessageTag>().Select(name => name.ToUpperInvariant())];

    public static string Of(MessageTag tag) => Names[(int)tag];

    public static string Of(Message message) => message is Message.Custom custom ? custom.Command : Of(message.Tag);
}
