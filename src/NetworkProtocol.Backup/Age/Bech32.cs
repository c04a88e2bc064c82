namespace NetworkProtocol.Backup.Age;

/// <summary>Bech32 (BIP 173), the encoding of age's keys: letters and digits with a checksum.</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const char Separator = '1';
    private const int ChecksumLength = 6;

    private static readonly uint[] Generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>Bytes as text in small letters.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> data)
    {
        var values = Regroup(data, from: 8, to: 5)!;
        var remainder = Remainder(prefix, [.. values, .. new byte[ChecksumLength]]) ^ 1;
        var checksum = Enumerable.Range(0, ChecksumLength).Select(i => (byte)((remainder >> (5 * (ChecksumLength - 1 - i))) & 31));
        return prefix + Separator + string.Concat(values.Concat(checksum).Select(value => Alphabet[value]));
    }

    /// <summary>Text as bytes; null if it is not a text of <see cref="Encode"/>, in small letters or in capitals.</summary>
    public static byte[]? Decode(string prefix, string text)
    {
        var small = text.ToLowerInvariant();
        if ((text.Any(char.IsAsciiLetterLower) && text.Any(char.IsAsciiLetterUpper))
            || !small.StartsWith(prefix + Separator, StringComparison.Ordinal) || small.Length < prefix.Length + 1 + ChecksumLength)
        {
            return null;
        }

        var places = small[(prefix.Length + 1)..].Select(letter => Alphabet.IndexOf(letter, StringComparison.Ordinal)).ToArray();
        if (places.Contains(-1))
        {
            return null;
        }

        var values = Array.ConvertAll(places, place => (byte)place);
        return Remainder(prefix, values) == 1 ? Regroup(values.AsSpan(..^ChecksumLength), from: 5, to: 8) : null;
    }

    private static uint Remainder(string prefix, byte[] values)
    {
        var remainder = 1u;
        var prefixed = prefix.Select(letter => letter >> 5).Append(0).Concat(prefix.Select(letter => letter & 31));
        foreach (var value in prefixed.Concat(values.Select(value => (int)value)))
        {
            var top = remainder >> 25;
            remainder = ((remainder & 0x1ffffff) << 5) ^ (uint)value;
            for (var i = 0; i < Generator.Length; i++)
            {
                remainder ^= ((top >> i) & 1) == 1 ? Generator[i] : 0;
            }
        }

        return remainder;
    }

    // On the way back, null if a whole group or bits that are not zero are left over.
    private static byte[]? Regroup(ReadOnlySpan<byte> groups, int from, int to)
    {
        var (result, bits, count) = (new List<byte>(), 0, 0);
        foreach (var group in groups)
        {
            bits = ((bits << from) | group) & 0xfff;
            for (count += from; count >= to; count -= to)
            {
                result.Add((byte)((bits >> (count - to)) & ((1 << to) - 1)));
            }
        }

        var rest = bits & ((1 << count) - 1);
        if (to < from && count > 0)
        {
            result.Add((byte)((rest << (to - count)) & ((1 << to) - 1)));
        }

        return to > from && (count >= from || rest != 0) ? null : [.. result];
    }
}
