namespace NetworkProtocol.Backup.Tar;

/// <summary>The letter for the kind of an entry.</summary>
internal static class TarType
{
    /// <summary>An extended header, which belongs to the next entry.</summary>
    public const char Extended = 'x';

    private const char File = '0';
    private const char OldFile = '\0';
    private const char Link = '2';
    private const char Folder = '5';

    /// <summary>The letter of a kind.</summary>
    public static char Of(FileKind kind) => kind switch
    {
        FileKind.File => File,
        FileKind.Folder => Folder,
        _ => Link,
    };

    /// <summary>The kind of a letter.</summary>
    /// <exception cref="InvalidDataException">No backup has this kind: long names and sparse files of GNU, devices, hard links.</exception>
    public static FileKind Kind(char type, string name) => type switch
    {
        File or OldFile => FileKind.File,
        Folder => FileKind.Folder,
        Link => FileKind.Link,
        _ => throw new InvalidDataException($"{FileNames.Show(name)} is of type {(int)type:x2}, which no backup holds"),
    };
}
