namespace NetworkProtocol.Packets;

/// <summary>The result of <see cref="PacketReader"/>.</summary>
public enum PacketStatus
{
    /// <summary>The packet is not complete. All bytes so far are valid.</summary>
    Incomplete,

    /// <summary>The packet is complete.</summary>
    Complete,

    /// <summary>The bytes do not begin with "NPRO".</summary>
    BadMagic,

    /// <summary>The version is not 1.</summary>
    BadVersion,

    /// <summary>The header claims a longer payload than the limit allows.</summary>
    TooLarge,
}
