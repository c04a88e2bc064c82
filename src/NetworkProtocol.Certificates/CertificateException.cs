namespace NetworkProtocol.Certificates;

/// <summary>A certificate or key cannot be used. The message says what the file must be, and what it is.</summary>
internal sealed class CertificateException(string path, string problem, Exception? inner = null) : Exception(problem, inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
