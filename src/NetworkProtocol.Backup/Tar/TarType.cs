namespace NetworkProtocol.Backup.Tar;

/// <summary>The letter that says what an entry is.</summary>
internal static class TarType
{
    public const char Extended = 'x';

    private const char File = '0';
    private const char OldFile = '\0';
    private const char Link = '2';
    private const char Folder = '5';

    public static char Of(FileKind kind) => kind switch
    {
        FileKind.File => File,
        FileKind.Folder => Folder,
        _ => Link,
    };

    /// <exception cref="InvalidDataException">Of a kind that no backup has: long names and sparse files of GNU, devices, hard links.</exception>
    public static FileKind Kind(char type, string name) => type switch
    {
        File or OldFile => FileKind.File,
        Folder => FileKind.Folder,
        Link => FileKind.Link,
        _ => throw new InvalidDataException($"{FileNames.Show(name)} is of type {(int)type:x2}, which no backup holds"),
    };
}
