using System.Globalization;
using System.Text;

namespace NetworkProtocol.Backup.Tar;

/// <summary>The 512 bytes before each entry (POSIX.1-2001, pax interchange format, "ustar Interchange Format").</summary>
internal static class TarBlock
{
    /// <summary>The bytes of a block.</summary>
    public const int Length = 512;

    /// <summary>The largest number in 11 octal digits.</summary>
    public const long MostInOctal = 0x1FFFFFFFF;

    /// <summary>The largest number in 7 octal digits.</summary>
    public const uint MostId = 0x1FFFFF;

    private static readonly Range NameField = ..100;
    private static readonly Range ModeField = 100..108;
    private static readonly Range UserIdField = 108..116;
    private static readonly Range GroupIdField = 116..124;
    private static readonly Range SizeField = 124..136;
    private static readonly Range ModifiedField = 136..148;
    private static readonly Range ChecksumField = 148..156;
    private static readonly Range LinkField = 157..257;
    private static readonly Range MagicField = 257..265;
    private static readonly Range UserField = 265..297;
    private static readonly Range GroupField = 297..329;
    private static readonly Range PrefixField = 345..500;
    private const int TypeField = 156;

    /// <summary>The block of an entry. Values that do not fit are cut: the extended header has them whole.</summary>
    public static byte[] Write(char type, ArchiveEntry entry, long size)
    {
        var block = new byte[Length];
        WriteText(block, NameField, FileNames.Encode(entry.Name));
        WriteNumber(block, ModeField, (int)entry.Mode);
        WriteNumber(block, UserIdField, Math.Min((uint)(entry.Owner?.UserId ?? 0), MostId));
        WriteNumber(block, GroupIdField, Math.Min((uint)(entry.Owner?.GroupId ?? 0), MostId));
        WriteNumber(block, SizeField, Math.Min(size, MostInOctal));
        WriteNumber(block, ModifiedField, Math.Clamp(entry.Modified.ToUnixTimeSeconds(), 0, MostInOctal));
        block[TypeField] = (byte)type;
        WriteText(block, LinkField, FileNames.Encode(entry.LinkTarget));
        WriteText(block, MagicField, "ustar\000"u8);
        WriteText(block, UserField, Encoding.ASCII.GetBytes(entry.Owner?.User ?? ""));
        WriteText(block, GroupField, Encoding.ASCII.GetBytes(entry.Owner?.Group ?? ""));
        WriteNumber(block, ChecksumField, Checksum(block));
        return block;
    }

    /// <summary>The entry of a block.</summary>
    /// <exception cref="InvalidDataException">The block is damaged.</exception>
    public static (char Type, ArchiveEntry Entry) Read(ReadOnlySpan<byte> block)
    {
        if (ReadNumber(block[ChecksumField]) != Checksum(block))
        {
            throw new InvalidDataException("the checksum of an entry is wrong");
        }

        var prefix = block[MagicField].StartsWith("ustar\0"u8) ? ReadText(block[PrefixField]) : "";
        var owner = new Owner(
            (int)ReadNumber(block[UserIdField]),
            (int)ReadNumber(block[GroupIdField]),
            ReadText(block[UserField]),
            ReadText(block[GroupField]));
        var name = (prefix.Length > 0 ? prefix + '/' : "") + ReadText(block[NameField]);
        return ((char)block[TypeField], new ArchiveEntry(FileKind.Other, name)
        {
            LinkTarget = ReadText(block[LinkField]),
            Size = ReadNumber(block[SizeField]),
            Mode = (UnixFileMode)(ReadNumber(block[ModeField]) & 0xFFF),
            Modified = DateTimeOffset.FromUnixTimeSeconds(ReadNumber(block[ModifiedField])),
            Owner = owner,
        });
    }

    // The sum of all bytes, with spaces in place of the checksum itself.
    private static int Checksum(ReadOnlySpan<byte> block)
    {
        var sum = 8 * ' ';
        foreach (var value in block[..ChecksumField.Start.Value])
        {
            sum += value;
        }

        foreach (var value in block[ChecksumField.End.Value..])
        {
            sum += value;
        }

        return sum;
    }

    private static void WriteText(byte[] block, Range field, ReadOnlySpan<byte> text)
    {
        var target = block.AsSpan(field);
        text[..Math.Min(text.Length, target.Length)].CopyTo(target);
    }

    private static void WriteNumber(byte[] block, Range field, long number)
    {
        var digits = block.AsSpan(field).Length - 1;
        WriteText(block, field, Encoding.ASCII.GetBytes(Convert.ToString(number, 8).PadLeft(digits, '0')));
    }

    private static string ReadText(ReadOnlySpan<byte> field) =>
        FileNames.Decode(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    private static long ReadNumber(ReadOnlySpan<byte> field)
    {
        var number = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            number = digit is >= (byte)'0' and <= (byte)'7'
                ? (number * 8) + digit - '0'
                : throw new InvalidDataException("a number of an entry is not octal");
        }

        return number;
    }
}
