using System.Runtime.InteropServices;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// Hashes numbers that a client chooses. UInt128's own hash has no secret: a client could choose many numbers with the same hash, and each
/// look-up would then walk through all of them. This is the hash of strings, which .NET seeds with a secret of the process.
/// </summary>
internal sealed class SeededHash : IEqualityComparer<UInt128>
{
    public static SeededHash Instance { get; } = new();

    public bool Equals(UInt128 x, UInt128 y) => x == y;

    public int GetHashCode(UInt128 number) => string.GetHashCode(MemoryMarshal.Cast<UInt128, char>(new ReadOnlySpan<UInt128>(in number)));
}
