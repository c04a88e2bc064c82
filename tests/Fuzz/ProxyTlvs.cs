using System.Buffers.Binary;
using NetworkProtocol.Server.Proxy;

namespace Fuzz;

/// <summary>Sends a PROXY header of version 2 with up to 65,535 bytes of type-length-values through the reader that drops them.</summary>
internal static class ProxyTlvs
{
    private const int Prefix = 16;
    private const int AddressesV4 = 12;

    /// <summary>
    /// The length of the longest header of version 1 plus one piece: the most bytes that the reader examines without consuming them.
    /// </summary>
    private const int MostKept = 107 + LongestPiece;

    private const int LongestPiece = 251;

    private static readonly byte[] After = "NPRO"u8.ToArray();

    /// <summary>A good header. Addresses and type-length-values together have this number of bytes.</summary>
    public static byte[] Header(int length)
    {
        byte[] header = [.. Convert.FromHexString("0D0A0D0A000D0A515549540A2111"), 0, 0, .. new byte[Math.Max(length, AddressesV4)]];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(Prefix - 2), (ushort)(header.Length - Prefix));
        for (var at = Prefix + AddressesV4; at + 3 <= header.Length; at += 3 + header[at + 2])
        {
            header[at] = (byte)(0x20 + (at % 6)); // SSL and its neighbours
            header[at + 2] = (byte)Math.Min(200, header.Length - at - 3);
        }

        return header;
    }

    /// <summary>
    /// Reads the header at the start of the input, then four bytes of the protocol, in pieces. The four bytes must remain.
    /// </summary>
    public static int Read(byte[] bytes)
    {
        var (isValid, client, left) = Run(bytes, LongestPiece);
        var inPieces = Run(bytes, 1 + (bytes.Length % LongestPiece));
        Targets.Require((isValid, client) == (inPieces.IsValid, inPieces.Client), "pieces made a difference");
        if (!isValid || bytes is not [ProxyHeader.FirstByteV2, ..])
        {
            return isValid ? 1 : 0;
        }

        var end = Prefix + BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(Prefix - 2));
        byte[] all = [.. bytes, .. After];
        Targets.Require(
            left.AsSpan().SequenceEqual(all.AsSpan(end)) && inPieces.Left.AsSpan().SequenceEqual(left), "the header ends elsewhere");
        var command = bytes[12] & 1; // LOCAL ignores family and protocol
        return Targets.Kind(2, Targets.Bucket(end), command, command * bytes[13] % 64);
    }

    private static (bool IsValid, string? Client, byte[] Left) Run(byte[] bytes, int piece)
    {
        var input = new PieceReader([.. bytes, .. After], piece);
        var reading = ProxyHeaderReader.ReadAsync(input);
        Targets.Require(reading.IsCompletedSuccessfully, "the reader waits for what has come");
        Targets.Require(input.MostKept <= MostKept, $"{input.MostKept} bytes of the header were kept");
        var (isValid, client) = reading.GetAwaiter().GetResult();
        return (isValid, client?.ToString(), input.Left.ToArray());
    }
}
