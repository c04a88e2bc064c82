using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>
/// What an edge says before its first batch of a lane: the payload of <c>EDGE.HELLO</c>. It lets edge and hub find out whether they mean
/// the same sequence.
/// </summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Epoch">The epoch of the edge's buffer, from 1.</param>
/// <param name="Next">The sequence number of the next message that the edge would send, from 1.</param>
/// <param name="Checksum">
/// The <see cref="MessageChecksum"/> of message <c>Next - 1</c>; null if the edge does not know that message.
/// </param>
public sealed record Hello(string Source, Lane Lane, long Epoch, long Next, uint? Checksum)
{
    /// <summary>The name of the command that carries the greeting.</summary>
    public const string Command = "EDGE.HELLO";

    /// <summary>The version of the conversation.</summary>
    public const int Version = 1;

    /// <summary>The largest size of the encoded greeting.</summary>
    public const int MaxEncodedBytes = 2048;

    /// <summary>Encodes the greeting.</summary>
    public byte[] Encode()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(Checksum is null ? 5 : 6);
        writer.WriteInt32(0);
        writer.WriteInt32(Version);
        writer.WriteInt32(1);
        writer.WriteTextString(Source);
        writer.WriteInt32(2);
        writer.WriteInt32((int)Lane);
        writer.WriteInt32(3);
        writer.WriteInt64(Epoch);
        writer.WriteInt32(4);
        writer.WriteInt64(Next);
        if (Checksum is { } checksum)
        {
            writer.WriteInt32(5);
            writer.WriteUInt32(checksum);
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    /// <summary>Reads an encoded greeting.</summary>
    /// <exception cref="EncodingException">The bytes are not a greeting of this version.</exception>
    public static Hello Decode(ReadOnlyMemory<byte> bytes)
    {
        long version = 0, epoch = 0, next = 0;
        string? source = null;
        var lane = Lane.Bulk;
        uint? checksum = null;
        Cbor.ReadMap(bytes, "The greeting", (reader, key) =>
        {
            switch (key)
            {
                case 0:
                    version = reader.ReadInt64();
                    return true;
                case 1:
                    source = reader.ReadTextString();
                    return true;
                case 2:
                    lane = (Lane)reader.ReadInt32();
                    return true;
                case 3:
                    epoch = reader.ReadInt64();
                    return true;
                case 4:
                    next = reader.ReadInt64();
                    return true;
                case 5:
                    checksum = reader.ReadUInt32();
                    return true;
                default:
                    return false;
            }
        });
        SourceName.Check(source);
        return version != Version ? throw new EncodingException($"The edge speaks version {version}; this hub speaks version {Version}.")
            : !Enum.IsDefined(lane) ? throw new EncodingException($"The lane is {(int)lane}; it must be 0 (bulk) or 1 (alarm).")
            : epoch is < 1 or > Batch.MaxNumber ? throw new EncodingException($"The epoch is {epoch}; it must be 1 to {Batch.MaxNumber}.")
            : next is < 1 or > Batch.MaxNumber
                ? throw new EncodingException($"The next sequence number is {next}; it must be 1 to {Batch.MaxNumber}.")
            : new Hello(source!, lane, epoch, next, checksum);
    }
}
