using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>Saves the tokens in the file <c>tokens.json</c> of the data folder.</summary>
internal sealed class TokenFile(DataFolder folder) : ITokenStore
{
    private const string FileName = "tokens.json";

    public IReadOnlyList<ApiToken> Read() => [.. folder.Read<ApiToken>(FileName)];

    public void Write(IReadOnlyList<ApiToken> tokens) => folder.Write(FileName, tokens);
}
