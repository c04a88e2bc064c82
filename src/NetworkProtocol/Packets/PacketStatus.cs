namespace NetworkProtocol.Packets;

/// <summary>What <see cref="PacketReader"/> found.</summary>
public enum PacketStatus
{
    /// <summary>All bytes so far are good; more are needed.</summary>
    Incomplete,

    /// <summary>A whole packet.</summary>
    Complete,

    /// <summary>The bytes do not begin with "NPRO".</summary>
    BadMagic,

    /// <summary>A version other than 1.</summary>
    BadVersion,

    /// <summary>The header claims more than the limit.</summary>
    TooLarge,
}
