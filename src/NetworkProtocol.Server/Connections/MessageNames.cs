using NetworkProtocol.Messages;

namespace NetworkProtocol.Server.Connections;

/// <summary>The names of messages in lists.</summary>
internal static class MessageNames
{
    /// <summary>Stands for a command that is not mapped: the name that the client chose is not kept.</summary>
    public const string UnknownCommand = "UNKNOWN_COMMAND";

    private static readonly string[] Names = [.. Enum.GetNames<MessageTag>().Select(name => name.ToUpperInvariant())];

    public static string Of(MessageTag tag) => Names[(int)tag];

    public static string Of(Message message) => message is Message.Custom custom ? custom.Command : Of(message.Tag);
}
