using System.Formats.Cbor;

namespace NetworkProtocol.Forwarding;

/// <summary>What all decoders here share: maps with integer keys of which unknown ones are skipped, and one kind of error.</summary>
internal static class Cbor
{
    /// <summary>
    /// Reads one map and nothing behind it. <paramref name="field"/> reads the value of a key, and returns false for a key that it does not
    /// know, without having read anything.
    /// </summary>
    /// <exception cref="EncodingException">The bytes are not such a map.</exception>
    public static void ReadMap(ReadOnlyMemory<byte> bytes, string what, Func<CborReader, int, bool> field)
    {
        try
        {
            var reader = new CborReader(bytes, CborConformanceMode.Lax);
            var seen = new HashSet<int>();
            reader.ReadStartMap();
            while (reader.PeekState() != CborReaderState.EndMap)
            {
                ReadField(reader, what, field, seen);
            }

            reader.ReadEndMap();
            if (reader.BytesRemaining > 0)
            {
                throw new EncodingException($"{what} has {reader.BytesRemaining} bytes behind its CBOR map.");
            }
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or FormatException)
        {
            throw new EncodingException($"{what} is not the CBOR map that it should be: {e.Message}", e);
        }
    }

    /// <summary>Reads an array of at most <paramref name="max"/> elements. The claimed length allocates nothing.</summary>
    public static List<T> ReadArray<T>(CborReader reader, string what, int max, Func<CborReader, T> element)
    {
        var list = new List<T>();
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            if (list.Count == max)
            {
                throw new EncodingException($"There are too many {what}; at most {max} are allowed.");
            }

            list.Add(element(reader));
        }

        reader.ReadEndArray();
        return list;
    }

    private static void ReadField(CborReader reader, string what, Func<CborReader, int, bool> field, HashSet<int> seen)
    {
        if (reader.PeekState() is not (CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger))
        {
            reader.SkipValue(); // a key of another kind is as unknown as a number that no field has
            reader.SkipValue();
            return;
        }

        var key = reader.ReadInt64();
        if (key is < 0 or > int.MaxValue)
        {
            reader.SkipValue();
            return;
        }

        if (!field(reader, (int)key))
        {
            reader.SkipValue();
        }
        else if (!seen.Add((int)key))
        {
            throw new EncodingException($"{what} has the key {key} twice.");
        }
    }
}
