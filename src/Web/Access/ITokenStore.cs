namespace NetworkProtocol.Web.Access;

/// <summary>Keeps the tokens that the console and the API make over a restart.</summary>
internal interface ITokenStore
{
    /// <summary>The tokens that were kept last; none if there are none.</summary>
    /// <exception cref="InvalidOperationException">They are damaged.</exception>
    IReadOnlyList<ApiToken> Read();

    /// <summary>Keeps these tokens in place of those before. Not called twice at once.</summary>
    /// <exception cref="IOException">They could not be kept.</exception>
    void Write(IReadOnlyList<ApiToken> tokens);
}
