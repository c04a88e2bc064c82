using NetworkProtocol.Packets;
using NetworkProtocol.Server.Connections;

namespace NetworkProtocol.Server.Wire;

/// <summary>What a packet that cannot be read means for its connection.</summary>
internal static class PacketStatusExtensions
{
    /// <summary>Why the connection ends. An incomplete packet means that the client closed the connection in the middle of it.</summary>
    public static CloseReason ToCloseReason(this PacketStatus status) => status switch
    {
        PacketStatus.BadMagic => CloseReason.BadMagic,
        PacketStatus.BadVersion => CloseReason.BadVersion,
        PacketStatus.TooLarge => CloseReason.TooLarge,
        _ => CloseReason.ClientLeft,
    };
}
