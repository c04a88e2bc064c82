using System.Security.Cryptography;
using System.Text;

namespace NetworkProtocol.Backup.Age;

/// <summary>The text at the start of an age file (age-encryption.org/v1): its recipients, and a MAC with the file key.</summary>
/// <param name="Stanzas">The file key, wrapped for each recipient.</param>
/// <param name="Text">The header before the MAC.</param>
/// <param name="Mac">HMAC-SHA256 of the text.</param>
internal sealed record AgeHeader(IReadOnlyList<Stanza> Stanzas, byte[] Text, byte[] Mac)
{
    private const string Version = "age-encryption.org/v1";
    private const string StanzaStart = "-> ";
    private const string End = "---";
    private const int BodyColumns = 64;
    private const int LongestLine = 1024;
    private const int MostLines = 1024;

    /// <summary>Makes the header of a new file.</summary>
    public static AgeHeader Create(IEnumerable<Stanza> stanzas, byte[] fileKey)
    {
        var all = stanzas.ToArray();
        var text = new StringBuilder(Version).Append('\n');
        foreach (var stanza in all)
        {
            text.Append(StanzaStart).AppendJoin(' ', [stanza.Type, .. stanza.Arguments]).Append('\n');
            var body = Base64Text.Encode(stanza.Body);
            for (var at = 0; at <= body.Length; at += BodyColumns) // the last line is always shorter than the others, and can be empty
            {
                text.Append(body.AsSpan(at, Math.Min(BodyColumns, body.Length - at))).Append('\n');
            }
        }

        var bytes = Encoding.ASCII.GetBytes(text.Append(End).ToString());
        return new AgeHeader(all, bytes, ComputeMac(bytes, fileKey));
    }

    /// <summary>Writes the header.</summary>
    public async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        await target.WriteAsync(Text, cancellationToken);
        await target.WriteAsync(Encoding.ASCII.GetBytes($" {Base64Text.Encode(Mac)}\n"), cancellationToken);
    }

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is no age file, or damaged.</exception>
    public static AgeHeader Read(Stream source)
    {
        var lines = new List<string>();
        while (lines.Count == 0 || !lines[^1].StartsWith(End, StringComparison.Ordinal))
        {
            lines.Add(ReadLine(source));
            if (lines[0] != Version || lines.Count > MostLines)
            {
                throw new InvalidDataException($"it is not a backup: an age file begins with {Version}");
            }
        }

        var mac = lines[^1].StartsWith(End + " ", StringComparison.Ordinal)
            ? Base64Text.Decode(lines[^1][(End.Length + 1)..])
            : throw Damaged();
        return new AgeHeader([.. ReadStanzas(lines[1..^1])], Encoding.ASCII.GetBytes(string.Join('\n', lines[..^1]) + "\n" + End), mac);
    }

    /// <summary>Whether the MAC was made with this file key.</summary>
    public bool IsUnder(byte[] fileKey) => CryptographicOperations.FixedTimeEquals(ComputeMac(Text, fileKey), Mac);

    private static byte[] ComputeMac(byte[] text, byte[] fileKey) =>
        HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, fileKey, 32, [], "header"u8.ToArray()), text);

    private static IEnumerable<Stanza> ReadStanzas(List<string> lines)
    {
        for (var i = 0; i < lines.Count;)
        {
            var words = lines[i].StartsWith(StanzaStart, StringComparison.Ordinal)
                ? lines[i++][StanzaStart.Length..].Split(' ')
                : throw Damaged();
            var body = new StringBuilder();
            string line;
            do
            {
                line = i < lines.Count && lines[i].Length <= BodyColumns ? lines[i++] : throw Damaged();
                body.Append(line);
            }
            while (line.Length == BodyColumns);
            yield return new Stanza(words[0], words[1..], Base64Text.Decode(body.ToString()));
        }
    }

    private static string ReadLine(Stream source)
    {
        var line = new StringBuilder();
        for (var next = source.ReadByte(); next != '\n'; next = source.ReadByte())
        {
            if (next is < ' ' or > '~' || line.Length == LongestLine)
            {
                throw new InvalidDataException("it is not a backup: it does not begin with an age file's header, or the header is cut off");
            }

            line.Append((char)next);
        }

        return line.ToString();
    }

    private static InvalidDataException Damaged() => new("its header is damaged");
}
