using System.Globalization;
using System.Text;

namespace NetworkProtocol.Backup.Tar;

/// <summary>
/// The extended header of an entry, for what does not fit into the entry's own block: records "LENGTH KEY=VALUE\n" (POSIX.1-2001, "pax
/// Extended Header").
/// </summary>
internal static class PaxHeader
{
    private const NumberStyles TimeStyle = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;

    /// <summary>The extended header of an entry.</summary>
    public static byte[] Write(ArchiveEntry entry)
    {
        using var records = new MemoryStream();
        if (!FileNames.IsUtf8(entry.Name) || !FileNames.IsUtf8(entry.LinkTarget))
        {
            Add(records, "hdrcharset", "BINARY");
        }

        Add(records, "path", entry.Name);
        Add(records, "mtime", Text((entry.Modified - DateTimeOffset.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerSecond));
        if (entry.Kind == FileKind.Link)
        {
            Add(records, "linkpath", entry.LinkTarget);
        }

        if (entry.Size > TarBlock.MostInOctal)
        {
            Add(records, "size", Text(entry.Size));
        }

        if (entry.Owner is { } owner)
        {
            AddOwner(records, owner);
        }

        return records.ToArray();
    }

    /// <summary>The entry with the values of an extended header.</summary>
    /// <exception cref="InvalidDataException">The header is damaged.</exception>
    public static ArchiveEntry Apply(ReadOnlySpan<byte> records, ArchiveEntry entry)
    {
        while (records.Length > 0)
        {
            var space = records.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(records[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space || length > records.Length || records[length - 1] != '\n')
            {
                throw Damaged();
            }

            var record = records[(space + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            entry = equals > 0
                ? Apply(Encoding.UTF8.GetString(record[..equals]), FileNames.Decode(record[(equals + 1)..]), entry)
                : throw Damaged();
            records = records[length..];
        }

        return entry;
    }

    private static ArchiveEntry Apply(string key, string value, ArchiveEntry entry) => key switch
    {
        "path" => entry with { Name = value },
        "linkpath" => entry with { LinkTarget = value },
        "size" => entry with { Size = Number(value) },
        "mtime" => entry with { Modified = Time(value) },
        "uid" => entry with { Owner = entry.Owner! with { UserId = (int)(uint)Number(value) } },
        "gid" => entry with { Owner = entry.Owner! with { GroupId = (int)(uint)Number(value) } },
        "uname" => entry with { Owner = entry.Owner! with { User = value } },
        "gname" => entry with { Owner = entry.Owner! with { Group = value } },
        _ => entry,
    };

    private static long Number(string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Damaged();

    private static DateTimeOffset Time(string value) =>
        decimal.TryParse(value, TimeStyle, CultureInfo.InvariantCulture, out var seconds)
            && seconds > DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds < DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : throw Damaged();

    private static void AddOwner(MemoryStream records, Owner owner)
    {
        Add(records, "uname", owner.User);
        Add(records, "gname", owner.Group);
        if (Math.Max((uint)owner.UserId, (uint)owner.GroupId) > TarBlock.MostId)
        {
            Add(records, "uid", Text((uint)owner.UserId));
            Add(records, "gid", Text((uint)owner.GroupId));
        }
    }

    private static void Add(MemoryStream records, string key, string value)
    {
        byte[] rest = [(byte)' ', .. Encoding.ASCII.GetBytes(key), (byte)'=', .. FileNames.Encode(value), (byte)'\n'];
        var length = rest.Length + 1;
        while (length != rest.Length + Digits(length).Length) // the length counts its own digits
        {
            length = rest.Length + Digits(length).Length;
        }

        records.Write(Digits(length));
        records.Write(rest);
    }

    private static byte[] Digits(int number) => Encoding.ASCII.GetBytes(Text(number));

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);

    private static InvalidDataException Damaged() => new("its extended header is damaged");
}
