using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>
/// A range of the sequence of one lane of one source: its messages, and the losses between them. Each number from <see cref="First"/> to
/// <see cref="Last"/> is either a message or part of a loss. It is the payload of <c>EDGE.APPEND</c>.
/// </summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Epoch">The epoch of the buffer that gave the sequence numbers, from 1.</param>
/// <param name="First">The first sequence number of the range, from 1.</param>
/// <param name="Messages">The messages in the order of their sequence numbers: at most <see cref="MaxMessages"/>.</param>
/// <param name="Losses">The losses in the order of their sequence numbers: at most <see cref="MaxLosses"/>.</param>
/// <param name="Behind">How many messages wait at the edge behind this batch, from 0.</param>
public sealed record Batch(
    string Source,
    Lane Lane,
    long Epoch,
    long First,
    IReadOnlyList<BatchMessage> Messages,
    IReadOnlyList<Loss> Losses,
    long Behind = 0)
{
    /// <summary>The name of the command that carries a batch.</summary>
    public const string Command = "EDGE.APPEND";

    /// <summary>The largest number of messages.</summary>
    public const int MaxMessages = 500;

    /// <summary>The largest number of losses.</summary>
    public const int MaxLosses = 500;

    /// <summary>The size at which an edge closes a batch: 256 KiB of topics and payloads.</summary>
    public const int TargetBytes = 256 * 1024;

    /// <summary>The largest size of the encoded batch, both compressed and expanded: 512 KiB.</summary>
    public const int MaxEncodedBytes = 512 * 1024;

    /// <summary>The largest sequence number and the largest epoch, so that no sum of them overflows.</summary>
    public const long MaxNumber = long.MaxValue / 4;

    /// <summary>The last sequence number of the range; <c>First - 1</c> if the range is empty.</summary>
    public long Last => First - 1 + Messages.Count + Losses.Sum(loss => loss.Count);

    /// <summary>Encodes the batch: one byte version, one byte compression, then CBOR.</summary>
    public byte[] Encode()
    {
        var topics = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var message in Messages)
        {
            topics.TryAdd(message.Topic, topics.Count);
        }

        var baseTime = Messages.Count > 0 ? Messages[0].Time : 0;
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartMap(7 + (Losses.Count > 0 ? 1 : 0) + (Behind > 0 ? 1 : 0));
        writer.WriteInt32(0);
        writer.WriteTextString(Source);
        writer.WriteInt32(1);
        writer.WriteInt32((int)Lane);
        writer.WriteInt32(2);
        writer.WriteInt64(Epoch);
        writer.WriteInt32(3);
        writer.WriteInt64(First);
        writer.WriteInt32(4);
        writer.WriteStartArray(topics.Count);
        foreach (var topic in topics.Keys) // no topic is ever removed, so the order is that of the indices
        {
            writer.WriteTextString(topic);
        }

        writer.WriteEndArray();
        writer.WriteInt32(5);
        writer.WriteInt64(baseTime);
        writer.WriteInt32(6);
        writer.WriteStartArray(Messages.Count);
        foreach (var message in Messages)
        {
            writer.WriteStartArray(3);
            writer.WriteInt32(topics[message.Topic]);
            writer.WriteInt64(message.Time - baseTime);
            writer.WriteByteString(message.Payload.Span);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        if (Losses.Count > 0)
        {
            writer.WriteInt32(7);
            WriteLosses(writer);
        }

        if (Behind > 0)
        {
            writer.WriteInt32(8);
            writer.WriteInt64(Behind);
        }

        writer.WriteEndMap();
        return Envelope.Pack(writer.Encode());
    }

    /// <summary>Reads an encoded batch. The payloads are copies.</summary>
    /// <exception cref="EncodingException">The bytes are not a batch, or the batch is too large.</exception>
    public static Batch Decode(ReadOnlyMemory<byte> bytes) => new BatchReader().Read(Envelope.Unpack(bytes));

    private void WriteLosses(CborWriter writer)
    {
        writer.WriteStartArray(Losses.Count);
        foreach (var loss in Losses)
        {
            writer.WriteStartArray(3);
            writer.WriteInt64(loss.First);
            writer.WriteInt64(loss.Count);
            writer.WriteInt32((int)loss.Reason);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
