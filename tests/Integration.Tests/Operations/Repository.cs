namespace Integration.Tests.Operations;

/// <summary>The files of the repository, as operators get them.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A file or folder below <c>deploy/</c>.</summary>
    public static string Deploy(string path) => Path.Combine(Root, "deploy", path);

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "NetworkProtocol.Web.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
