using System.Buffers;
using System.IO.Compression;

namespace NetworkProtocol.Forwarding;

/// <summary>The two bytes before a batch, version and compression, and the compression.</summary>
internal static class Envelope
{
    private const byte Version = 1;
    private const byte Plain = 0;
    private const byte Brotli = 1;
    private const int HeaderBytes = 2;

    /// <summary>Below this size compression costs more than it saves.</summary>
    private const int SmallestCompressed = 512;

    /// <summary>The fastest quality. The higher ones cost an edge more time than the link needs for the bytes that they save.</summary>
    private const int Quality = 1;

    private const int Window = 18; // 256 KiB, the size of a batch

    public static byte[] Pack(ReadOnlySpan<byte> cbor)
    {
        var packed = new byte[HeaderBytes + cbor.Length];
        packed[0] = Version;
        if (cbor.Length > SmallestCompressed
            && BrotliEncoder.TryCompress(cbor, packed.AsSpan(HeaderBytes), out var written, Quality, Window))
        {
            packed[1] = Brotli;
            return packed[..(HeaderBytes + written)];
        }

        packed[1] = Plain;
        cbor.CopyTo(packed.AsSpan(HeaderBytes));
        return packed;
    }

    public static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
        {
            throw new EncodingException("The batch must begin with a byte for its version and a byte for its compression.");
        }

        if (bytes.Length > Batch.MaxEncodedBytes)
        {
            throw new EncodingException($"The batch has {bytes.Length} bytes; at most {Batch.MaxEncodedBytes} are allowed.");
        }

        return (bytes.Span[0], bytes.Span[1]) switch
        {
            (Version, Plain) => bytes[HeaderBytes..],
            (Version, Brotli) => Expand(bytes.Span[HeaderBytes..]),
            (Version, var compression) =>
                throw new EncodingException($"The batch has the compression {compression}; it must be 0 (none) or 1 (Brotli)."),
            (var version, _) => throw new EncodingException($"The batch has the version {version}; this hub reads version {Version}."),
        };
    }

    // The memory follows the bytes that come out, and ends at the limit: what the sender claims allocates nothing.
    private static ReadOnlyMemory<byte> Expand(ReadOnlySpan<byte> compressed)
    {
        var output = new ArrayBufferWriter<byte>(Math.Min(compressed.Length * 4, Batch.MaxEncodedBytes) + 1);
        using var decoder = default(BrotliDecoder);
        while (true)
        {
            var status = decoder.Decompress(compressed, output.GetSpan(), out var consumed, out var written);
            output.Advance(written);
            compressed = compressed[consumed..];
            if (output.WrittenCount > Batch.MaxEncodedBytes)
            {
                throw new EncodingException($"The batch expands to more than {Batch.MaxEncodedBytes} bytes.");
            }

            if (status == OperationStatus.Done && compressed.IsEmpty)
            {
                return output.WrittenMemory;
            }

            if (status != OperationStatus.DestinationTooSmall)
            {
                throw new EncodingException("The batch is not complete Brotli data (RFC 7932).");
            }
        }
    }
}
