using System.Runtime.InteropServices;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// Hashes numbers that a client chooses. Anybody can make numbers that are one to UInt128's own hash, and then each look-up walks through
/// all of them; this is the hash of strings, which .NET seeds with a secret of the process.
/// </summary>
internal sealed class SeededHash : IEqualityComparer<UInt128>
{
    public static SeededHash Instance { get; } = new();

    public bool Equals(UInt128 x, UInt128 y) => x == y;

    public int GetHashCode(UInt128 number) => string.GetHashCode(MemoryMarshal.Cast<UInt128, char>(new ReadOnlySpan<UInt128>(in number)));
}
